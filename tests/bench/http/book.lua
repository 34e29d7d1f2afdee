-- wrk: books a quarter of an hour that nobody has, for a patient who is nowhere else then. TOKEN is the access token; beside the file IDS
-- lie "doctors" and "service".
local headers, patients, doctors, service
local count, run
local function lines(name)
  local all = {}
  for line in io.lines(name) do all[#all + 1] = line end
  return all
end
function init()
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
  local ids = os.getenv("IDS")
  patients, doctors = lines(ids), lines(ids:gsub("ids$", "doctors"))
  service = lines(ids:gsub("ids$", "service"))[1]
  -- Each run has slots of its own, so many a second: 67,000 quarters of as many doctors are half an hour's worth of runs.
  count, run = 0, os.time() % 1800 * math.floor(#doctors * 67000 / 1800)
end
function request()
  count = count + 1
  local slot = run + count
  local quarter = math.floor(slot / #doctors)
  local start = os.date("!%Y-%m-%dT%H:%M:%SZ", (math.floor(os.time() / 86400) + 2) * 86400 + quarter * 900)
  return wrk.format("POST", "/api/v1/appointments", headers, '{"patient_id":"' .. patients[slot % #patients + 1]
    .. '","service_id":"' .. service .. '","resources":[{"kind":"practitioner","id":"' .. doctors[slot % #doctors + 1]
    .. '"}],"start":"' .. start .. '","reason":"Follow-up visit"}')
end

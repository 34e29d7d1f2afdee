-- wrk: drafts and issues an invoice of five lines in one request. IDS names the file of patients; beside it lies the access token of a
-- billing clerk.
local headers, patients
local billed, run
local line = '{"description":"Office visit, established patient","price_micro":125000000}'
local lines = line .. "," .. line .. "," .. line .. "," .. line .. "," .. line
function init()
  local token = io.lines((os.getenv("IDS"):gsub("ids$", "clerk")))()
  headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  patients = {}
  for patient in io.lines(os.getenv("IDS")) do patients[#patients + 1] = patient end
  billed, run = 0, os.time() -- each run has keys of its own
end
function request()
  billed = billed + 1
  headers["Idempotency-Key"] = string.format("%08x-%d", run, billed)
  return wrk.format("POST", "/api/v1/invoices/bill", headers, '{"patient_id":"' .. patients[billed % #patients + 1]
    .. '","lines":[' .. lines .. "]}")
end

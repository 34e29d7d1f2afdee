-- wrk: a search by a surname, drawn as often as it occurs among the patients; a page of twenty. NAMES names the file of surnames, percent-encoded.
local requests = {}
function init()
  local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
  for name in io.lines(os.getenv("NAMES")) do requests[#requests + 1] = wrk.format("GET", "/api/v1/patients?limit=20&name=" .. name, headers) end
  math.randomseed(os.time())
end
function request() return requests[math.random(#requests)] end

-- wrk: GET of a patient drawn at random. IDS names the file of ids, TOKEN is the access token.
local requests = {}
function init() -- not before: only now wrk knows the Host header
  local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
  for id in io.lines(os.getenv("IDS")) do requests[#requests + 1] = wrk.format("GET", "/api/v1/patients/" .. id, headers) end
  math.randomseed(os.time())
end
function request() return requests[math.random(#requests)] end

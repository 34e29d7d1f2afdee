-- wrk: registers a patient who is not there yet. TOKEN is the access token.
local headers
local count, run
function init()
  headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN"), ["Content-Type"] = "application/json" }
  count, run = 0, os.time() % 100000 * 100000 -- so many numbers a second: more than are registered
end
function request()
  count = count + 1
  local number = string.format("%.0f", run + count)
  return wrk.format("POST", "/api/v1/patients", headers, '{"names":[{"family":"Lindqvist","given":["Maria"]}],"birth":{"date":"1975-04-12"},'
    .. '"sex_admin":"female","identifiers":[{"system":"urn:example:national","value":"B' .. number .. '","type":"NI"}],'
    .. '"phones":[{"e164":"+1212' .. string.format("%07d", 2000000 + (run + count) % 8000000) .. '"}],'
    .. '"emails":["maria.lindqvist.' .. number .. '@mail.example"],"addresses":[{"lines":["12 Harbour Street"],'
    .. '"city":"Springfield","postal":"04401","country":"US"}],"language":"en"}')
end

-- wrk: a page of twenty patients of the caller's facilities. TOKEN is the access token.
local line
function init() line = wrk.format("GET", "/api/v1/patients?limit=20", { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }) end
function request() return line end

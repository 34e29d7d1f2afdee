-- wrk: drafts an invoice of five lines and issues the one that was drafted a while before, in turn: two requests are one invoice. IDS names
-- the file of patients; beside it lies the access token of a billing clerk.
local headers, patients
local drafted, issued, total, run
local line = '{"description":"Office visit, established patient","price_micro":125000000}'
local lines = line .. "," .. line .. "," .. line .. "," .. line .. "," .. line
local behind = 200 -- by then the draft was answered, whichever of 32 connections has brought it
local function id(number) return string.format("%08x-0000-4000-8000-%012x", run, number) end
function init()
  local token = io.lines((os.getenv("IDS"):gsub("ids$", "clerk")))()
  headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
  patients = {}
  for patient in io.lines(os.getenv("IDS")) do patients[#patients + 1] = patient end
  -- Each run has ids of its own; the first request wrk looks at and does not send.
  drafted, issued, total, run = 0, 1, 0, os.time()
end
function request()
  total = total + 1
  if total % 2 == 0 and drafted - issued > behind then
    issued = issued + 1
    local one = id(issued)
    headers["Idempotency-Key"] = one
    local text = wrk.format("POST", "/api/v1/invoices/" .. one .. "/issue", headers, '{"revision":1}')
    headers["Idempotency-Key"] = nil
    return text
  end
  drafted = drafted + 1
  return wrk.format("POST", "/api/v1/invoices", headers, '{"id":"' .. id(drafted) .. '","patient_id":"'
    .. patients[drafted % #patients + 1] .. '","lines":[' .. lines .. "]}")
end

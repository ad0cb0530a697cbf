-- wrk: clients of one kind, CROWD_KIND. Prints one JSON line at the end.
local kind = os.getenv("CROWD_KIND")
local count = tonumber(os.getenv("CROWD_ORDERS"))
local body = '{"productId":' .. os.getenv("CROWD_PRODUCT") .. ',"qty":1}'
local methods = { POST = "POST", GET = "GET", cancel = "DELETE" }
local order = 0
local thread
first = "" -- of the bad answers

function setup(a_thread)
    thread = a_thread
end

function request()
    if kind == "POST" then
        return wrk.format("POST", "/rentals", { ["Content-Type"] = "application/json" }, body)
    end
    order = order % count + 1
    return wrk.format(methods[kind], "/rentals/" .. order)
end

function response(status, _, text)
    if status >= 400 and first == "" then
        first = (status .. " " .. text):gsub('[^%w :/.,]', "")
    end
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"status":%d,"socket":%d,"slowest_ms":%.1f,"first":"%s"}\n',
        summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
        latency.max / 1000, thread:get("first")))
end

-- wrk: reads one rental after another, all that exist in turn. Prints one JSON line at the end.
local count = tonumber(os.getenv("BENCH_RENTALS") or "1")
local next_id = 0
function request()
    next_id = next_id % count + 1
    return wrk.format("GET", "/rentals/" .. next_id)
end

function done(summary, latency, requests)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read +
        summary.errors.write + summary.errors.timeout
    io.write(string.format('RESULT {"per_s":%.1f,"p50_ms":%.4f,"p99_ms":%.4f,"failed":%d}\n',
        (summary.requests - summary.errors.status) / (summary.duration / 1e6),
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end

-- wrk: one order after another on each connection. Prints one JSON line at the end.
wrk.method = "POST"
wrk.path = "/rentals"
wrk.body = '{"productId":' .. (os.getenv("BENCH_PRODUCT") or "1") .. ',"qty":1}'
wrk.headers["Content-Type"] = "application/json"

function done(summary, latency, requests)
    local failed = summary.errors.status + summary.errors.connect + summary.errors.read +
        summary.errors.write + summary.errors.timeout
    io.write(string.format('RESULT {"per_s":%.1f,"p50_ms":%.4f,"p99_ms":%.4f,"failed":%d}\n',
        (summary.requests - summary.errors.status) / (summary.duration / 1e6),
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end

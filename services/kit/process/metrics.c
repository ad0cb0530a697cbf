/* Metrics that every process has: itself, and its broker connection. Loop thread. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kit/process/process.h"

#define FDS_COUNTED_MAX 100000

static void add(struct kit_buf *out, const char *name, const char *type, const char *help,
                int64_t value)
{
    kit_metric_head(out, name, type, help);
    kit_metric_int(out, name, "", value);
}

static int64_t read_resident_bytes(void)
{
    char line[128]; /* "SIZE RESIDENT ...", in pages */
    char *resident = NULL;
    long long resident_pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) != NULL) {
        (void)strtoll(line, &resident, 10);
        resident_pages = strtoll(resident, NULL, 10);
    }
    fclose(file);
    return (int64_t)resident_pages * sysconf(_SC_PAGESIZE);
}

static int64_t count_open_fds(void)
{
    int64_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    while (count < FDS_COUNTED_MAX && readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count < 3 ? 0 : count - 3; /* without ".", ".." and the folder itself */
}

static void add_process(const struct kit_host *host, struct kit_buf *out)
{
    int64_t up_ms = host->clock->mono_ms(host->clock->self) - host->started_mono_ms;
    kit_metric_head(out, "build_info", "gauge", "1; the version is a label");
    kit_buf_add_format(out, "lockstock_build_info{process=\"%s\",version=\"%s\"} 1\n",
                       host->process, LOCKSTOCK_VERSION);
    add(out, "process_uptime_ms", "gauge", "Time since the process started.", up_ms);
    add(out, "process_resident_bytes", "gauge", "Resident memory.", read_resident_bytes());
    add(out, "process_open_fds", "gauge", "Open file descriptors.", count_open_fds());
}

static void add_bus(const struct kit_host *host, struct kit_buf *out)
{
    struct kit_bus_stats stats;
    kit_bus_paho_stats(host->bus, &stats);
    add(out, "bus_up", "gauge", "1 while connected and subscribed.",
        kit_bus_paho_is_up(host->bus) ? 1 : 0);
    add(out, "bus_connects_total", "counter", "Attempts to connect to the broker.", stats.connects);
    add(out, "bus_messages_in_total", "counter", "Messages handed over.", stats.messages_in);
    add(out, "bus_messages_out_total", "counter", "Messages given to the client library.",
        stats.messages_out);
    add(out, "bus_payload_in_bytes_total", "counter", "Payload of messages handed over.",
        stats.bytes_in);
    add(out, "bus_payload_out_bytes_total", "counter", "Payload of messages sent.",
        stats.bytes_out);
    add(out, "bus_inbound_dropped_total", "counter", "Messages dropped because the queue was full.",
        stats.inbound_dropped);
    add(out, "bus_inbound_refused_total", "counter", "Messages refused: they break a limit.",
        stats.inbound_refused);
    add(out, "bus_publish_failed_total", "counter", "Publishes that the broker does not have.",
        stats.publish_failed);
    add(out, "bus_in_flight", "gauge", "Publishes not yet completed.", (int64_t)stats.in_flight);
    add(out, "bus_outbound_waiting", "gauge", "Publishes waiting for the window.",
        (int64_t)stats.outbound_waiting);
}

void kit_host_metrics(const struct kit_host *host, struct kit_buf *out)
{
    add_process(host, out);
    if (host->bus != NULL)
        add_bus(host, out);
}

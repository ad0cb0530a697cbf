/* What every process sees of its own debts: the broker, the queues to and from it, the disk. When a
 * reason comes and goes is decided by kit/rpc/degraded.h. Loop thread. */
#include <inttypes.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "kit/process/process.h"

#define DISK_LOOK_MS 5000 /* between two looks */
#define QUEUE_BAD (KIT_BUS_INBOUND_MAX / 2)
#define QUEUE_FINE (KIT_BUS_INBOUND_MAX / 8)
#define MIB (INT64_C(1) << 20)

_Static_assert(KIT_BUS_INBOUND_MAX == KIT_BUS_OUTBOUND_MAX, "one limit for both queues");

static void look_at_broker(const struct kit_host *host, struct kit_degraded *degraded,
                           struct kit_degraded_now now)
{
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };

    if (kit_host_not_ready(host) != NULL) {
        view.level = KIT_DEGRADED_BAD;
        snprintf(view.text, sizeof(view.text),
                 "no connection to the broker: look whether it runs, and in its log");
    }
    kit_degraded_look(degraded, DEGRADED_REASON_BROKER, &view, now);
}

static void look_at_queues(const struct kit_host *host, struct kit_degraded *degraded,
                           struct kit_degraded_now now)
{
    struct kit_bus_stats stats = { .messages_in = 0 };

    if (host->bus != NULL)
        kit_bus_paho_stats(host->bus, &stats);
    const bool is_inbound = stats.inbound_waiting >= stats.outbound_waiting;
    const size_t waiting = is_inbound ? stats.inbound_waiting : stats.outbound_waiting;
    struct kit_degraded_view view = {
        .level = kit_degraded_level((int64_t)waiting, QUEUE_BAD, QUEUE_FINE),
    };
    if (view.level != KIT_DEGRADED_FINE)
        snprintf(view.text, sizeof(view.text), "%zu messages wait %s; beyond %d they are lost",
                 waiting, is_inbound ? "to be worked off" : "for the broker", KIT_BUS_INBOUND_MAX);
    kit_degraded_look(degraded, DEGRADED_REASON_QUEUE, &view, now);
}

static void look_at_disk(struct kit_host *host, struct kit_degraded *degraded,
                         struct kit_degraded_now now)
{
    struct kit_host_disk *disk = &host->disk;
    struct kit_degraded_view view = { .level = KIT_DEGRADED_FINE };
    struct statvfs info;

    if (disk->path == NULL || disk->least_bytes == 0)
        return;
    if (now.mono_ms >= disk->due_mono_ms && statvfs(disk->path, &info) == 0) {
        disk->due_mono_ms = now.mono_ms + DISK_LOOK_MS;
        disk->free_bytes = (int64_t)(info.f_bavail * info.f_frsize);
    }
    if (disk->free_bytes < disk->least_bytes)
        view.level = KIT_DEGRADED_BAD;
    else if (disk->free_bytes < disk->least_bytes + disk->least_bytes / 4)
        view.level = KIT_DEGRADED_BETWEEN;
    if (view.level != KIT_DEGRADED_FINE)
        snprintf(view.text, sizeof(view.text),
                 "%" PRId64 " MiB are free where the database lies, less than %" PRId64
                 " (--disk-free-mib): make room",
                 disk->free_bytes / MIB, disk->least_bytes / MIB);
    kit_degraded_look(degraded, DEGRADED_REASON_DISK, &view, now);
}

void kit_host_watch_disk(struct kit_host *host, const char *path, int64_t least_mib)
{
    host->disk = (struct kit_host_disk){ .path = path, .least_bytes = least_mib * MIB };
}

void kit_host_look(struct kit_host *host, struct kit_degraded *degraded)
{
    const struct kit_degraded_now now = {
        .mono_ms = host->clock->mono_ms(host->clock->self),
        .wall_ms = host->clock->wall_ms(host->clock->self),
    };

    look_at_broker(host, degraded, now);
    look_at_queues(host, degraded, now);
    look_at_disk(host, degraded, now);
}

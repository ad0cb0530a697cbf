/* Scanners: how far the log of each is stored, its session, and the verdicts that it may ask for
 * again. SQL of this service only. Every function runs inside the transaction that the runtime has
 * open; none begins or commits. Loop thread. */
#ifndef STOCK_STORE_SCANNER_H
#define STOCK_STORE_SCANNER_H

#include "kit/device/log_follower.h"
#include "kit/store/db.h"
#include "kit/store/table.h"
#include "stock/domain/scan.h"

/* It says hello every 30 s: after three that are missing, it is not there (rules 7.12). */
#define SCANNER_SILENT_MS INT64_C(90000)
#define STATIONS_MAX 1000
#define STATION_IDLE_MS (INT64_C(7) * 24 * 3600 * 1000)

/* What the office wants to know of it; nothing is decided by it. */
struct scanner_health {
    int64_t scans, refused, failed;
    int64_t scanned_ms;       /* when it last scanned; 0: never */
    struct scan_verdict last; /* what that scan was answered with; prompt "": not known */
};

struct scanner {
    int64_t id; /* 0 until it is stored */
    char name[SCANNER_NAME_SIZE];
    struct kit_log_follower log; /* written by kit/device alone */
    int64_t first_seq;           /* the highest that it has sent: verdicts before it are told */
    struct scan_session session;
    struct scanner_health health;
};

/* A page's station has a session and no log; a scanner of that name has been heard (rules 8.2). */
static inline bool scanner_is_station(const struct scanner *scanner)
{
    return scanner->log.epoch[0] == '\0' && scanner->log.state_epoch[0] == '\0';
}

struct scanner_store {
    struct kit_statements statements;
};

/* Prepares the statements. KIT_E_CORRUPT when the tables have other columns. */
int scanner_store_open(struct scanner_store *store, struct kit_db *db,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Also after an open that failed. */
void scanner_store_close(struct scanner_store *store);

/* A scanner of that name; it is added when it is new. */
int scanner_store_get(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                      struct kit_error *err) KIT_MUST_CHECK;
/* One that is there; *ret_found is false when none is. */
int scanner_store_find(struct scanner_store *store, const char *name, struct scanner *ret_scanner,
                       bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Reads a page of scanners and stations by name, and counts all. ret_scanners has room for
 * page->size. */
int scanner_store_list(struct scanner_store *store, struct kit_page *page,
                       struct scanner *ret_scanners, struct kit_error *err) KIT_MUST_CHECK;
/* Writes the whole row of a scanner that is stored, but for its log. */
int scanner_store_save(struct scanner_store *store, const struct scanner *scanner,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Counts the stations, those without any work included. */
int station_store_count(struct scanner_store *store, int64_t *ret_count,
                        struct kit_error *err) KIT_MUST_CHECK;
/* The number of a station that last scanned before that time. */
int station_store_find_idle(struct scanner_store *store, int64_t before_ms, int64_t *ret_station,
                            bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;
/* Removes a station, whose list is empty. KIT_E_CONFLICT when there is none of that number. */
int station_store_remove(struct scanner_store *store, int64_t station,
                         struct kit_error *err) KIT_MUST_CHECK;

/* Whom scanner_store_find_with_...() look for: a scanner other than `but_not` that did something at
 * or after since_ms and has not gone. */
struct scanner_others {
    int64_t but_not;
    int64_t since_ms;
};
/* The name of one that works on the order; "" when there is none. */
int scanner_store_find_with_order(struct scanner_store *store, struct rental_id order,
                                  const struct scanner_others *others,
                                  char ret_name[SCANNER_NAME_SIZE],
                                  struct kit_error *err) KIT_MUST_CHECK;
/* The name of one that took the tote; "" when there is none. */
int scanner_store_find_with_tote(struct scanner_store *store, const char *tote,
                                 const struct scanner_others *others,
                                 char ret_name[SCANNER_NAME_SIZE],
                                 struct kit_error *err) KIT_MUST_CHECK;

/* Stores the verdict of a record, for when its scanner asks again. */
int verdict_store_add(struct scanner_store *store, int64_t scanner, int64_t seq,
                      const struct scan_verdict *verdict, struct kit_error *err) KIT_MUST_CHECK;
struct verdict_id {
    int64_t scanner;
    int64_t seq;
};
/* The verdict of a record that was stored before. *ret_found is false for one that was no scan. */
int verdict_store_find(struct scanner_store *store, const struct verdict_id *id,
                       struct scan_verdict *ret_verdict, bool *ret_found,
                       struct kit_error *err) KIT_MUST_CHECK;
/* Drops what the scanner has been told for sure. */
int verdict_store_forget(struct scanner_store *store, int64_t scanner, int64_t below_seq,
                         struct kit_error *err) KIT_MUST_CHECK;

#endif

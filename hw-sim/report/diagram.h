/* A run as a Mermaid sequence diagram, in Markdown: who told whom what, the services' heartbeats
 * and repetitions left out. One thread. */
#ifndef SIM_REPORT_DIAGRAM_H
#define SIM_REPORT_DIAGRAM_H

#include "report/report.h"

#define SIM_DIAGRAM_ARROWS_MAX 400 /* Mermaid draws no more in a readable way */

struct sim_arrow {
    char from[SIM_PARTY_SIZE];
    char to[SIM_PARTY_SIZE];
    char word[SIM_PARTY_SIZE]; /* what kind of message: "ack", "cancel" */
    bool is_reply;             /* drawn only after the request was */
};

/* Who sends and receives a message, by its topic (schemas/topics.md): "stock" and "scanner-1-x7k2"
 * for an ack. False: no diagram shows it, such as requests that only read. */
bool sim_diagram_arrow(const char *topic, struct sim_arrow *ret);

/* Writes the diagram into an open file; false when that failed. */
bool sim_diagram_write(const struct sim_report *report, const struct sim_summary *summary,
                       FILE *out);

#endif

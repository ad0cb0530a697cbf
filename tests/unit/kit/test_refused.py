#!/usr/bin/env python3
"""What the kit's tables must not let through the compiler: each case is a change of one word in a
program that compiles. Usage: test_refused.py COMPILER INCLUDE..."""
import subprocess
import sys

GOOD = """
#include "kit/service/routes.h"
#include "kit/store/table.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_list_request.gen.h"
struct part { int64_t n; };
struct app { int64_t n; struct part part; };
struct row { int64_t id; char name[8]; };
#define COLUMNS(X, AND) X(INT, id, id) AND X(TEXT, name, name)
KIT_ROW_FUNCTIONS(row, struct row, COLUMNS);
static int on_get(struct app *app, const struct msg_rpc_get_request *in,
                  struct msg_rpc_list_request *out, struct kit_error *err)
{ (void)app; (void)err; out->size = in->id; return 0; }
static int on_part(struct part *part, const struct msg_rpc_get_request *in,
                   struct msg_rpc_list_request *out, struct kit_error *err)
{ (void)part; (void)err; out->size = in->id; return 0; }
static int on_saved(struct app *app, const struct msg_rpc_get_request *event, struct kit_error *err)
{ (void)app; (void)event; (void)err; return 0; }
static int on_up(struct app *app, const char *device, const struct msg_rpc_get_request *up,
                 struct kit_error *err)
{ (void)app; (void)device; (void)up; (void)err; return 0; }
#define REQUESTS(X) X("get", KIT_RPC_READ, rpc_get_request, rpc_list_request, on_get) \\
    X("part", KIT_RPC_READ, rpc_get_request, rpc_list_request, on_part, part)
KIT_RPC_TABLE(requests, struct app, REQUESTS);
#define EVENTS(X) X("Saved", rpc_get_request, on_saved)
KIT_EVENT_TABLE(events, struct app, EVENTS);
#define DEVICES(X) X("scanner", "up", rpc_get_request, on_up)
KIT_DEVICE_TABLE(devices, struct app, DEVICES);
const struct kit_service_desc desc = { .requests = &requests, .devices = &devices };
const struct kit_event_table *table = &events;
struct kit_body body(const struct msg_rpc_get_request *msg);
struct kit_body body(const struct msg_rpc_get_request *msg) { return KIT_BODY(rpc_get_request, msg); }
"""

# What is wrong, the text of GOOD, the text instead of it.
BAD = [
    ("a request of another type", 'X("get", KIT_RPC_READ, rpc_get_request', 'X("get", KIT_RPC_READ, rpc_list_request'),
    ("an answer of another type", "rpc_list_request, on_get)", "rpc_get_request, on_get)"),
    ("the whole app for a part", "on_part, part)", "on_part)"),
    ("a part for the whole app", "on_get)", "on_get, part)"),
    ("an app of another type", "KIT_RPC_TABLE(requests, struct app", "KIT_RPC_TABLE(requests, struct part"),
    ("an event of another type", 'X("Saved", rpc_get_request', 'X("Saved", rpc_list_request'),
    ("a device's message of another type", '"up", rpc_get_request', '"up", rpc_list_request'),
    ("a body of another type", "KIT_BODY(rpc_get_request", "KIT_BODY(rpc_list_request"),
    ("a column without a member", "X(INT, id, id)", "X(INT, id, number)"),
    ("a number that is a text", "X(INT, id, id)", "X(INT, id, name)"),
    ("a text that is a number", "X(TEXT, name, name)", "X(TEXT, name, id)"),
    ("a text that is a pointer", "char name[8]", "char *name"),
    ("a number that is a pointer", "int64_t id;", "void *id;"),
    ("a kind that nobody knows", "X(INT, id, id)", "X(INTEGER, id, id)"),
]
FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only",
         "-x", "c", "-"]


def compiles(command, text):
    done = subprocess.run(command, input=text, text=True, capture_output=True, check=False)
    return done.returncode == 0, done.stderr


def main():
    command = [sys.argv[1], *(f"-I{folder}" for folder in sys.argv[2:]), *FLAGS]
    is_fine, said = compiles(command, GOOD)
    errors = [] if is_fine else ["the good program does not compile:\n" + said]
    for what, good, bad in BAD:
        if GOOD.count(good) != 1:
            errors.append(f"{what}: its text is there {GOOD.count(good)} times")
        elif compiles(command, GOOD.replace(good, bad))[0]:
            errors.append(f"{what} compiles")
    print("\n".join(errors) or f"{len(BAD)} wrong programs do not compile")
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()

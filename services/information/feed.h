/* What pages hear of orders: each is told once for each commit, however many events changed it
 * (rules 2.2). Runs on the loop inside the open transaction. */
#ifndef INFORMATION_FEED_H
#define INFORMATION_FEED_H

#include "information/app.h"

/* Remembers that the order changed, for feed_tell(). This is not undone with the item: an order
 * that is told without need is told as it is. */
int feed_note(struct information_app *app, struct rental_id id,
              struct kit_error *err) KIT_MUST_CHECK;

/* Before each commit: appends an OrderChanged for every order noted that customers can see. When it
 * fails, the notes stay for the next commit. */
int feed_tell(void *app_pointer, struct kit_error *err) KIT_MUST_CHECK;

#endif

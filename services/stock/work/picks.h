/* Finds what is to be picked. Reads only. Runs on the loop inside the open transaction. Source:
 * schemas/rules/stock.md 9. */
#ifndef STOCK_WORK_PICKS_H
#define STOCK_WORK_PICKS_H

#include "kit/store/table.h"
#include "stock/app.h"
#include "stock/domain/pick.h"

/* Writes a page of the orders that wait to be picked, the oldest first: number, size and room for
 * `size` pointers are the caller's, count, total and the orders are found here; they live in the
 * item's arena. */
int picks_list_oldest(struct stock_app *app, struct kit_page *page, struct pick **ret_picks,
                      struct kit_error *err) KIT_MUST_CHECK;

/* The same in the order of one walk through the oldest PICK_TOUR_MAX of them, which are its total.
 */
int picks_list_tour(struct stock_app *app, struct kit_page *page, struct pick **ret_picks,
                    struct kit_error *err) KIT_MUST_CHECK;

#endif

/* The process lockstock-product: wiring only. */
#include "kit/process/main.h"
#include "product/service.h"

static const struct kit_option SETTINGS[] = {
    { .name = PRODUCT_SETTING_STOCK_TIMEOUT,
      .kind = KIT_OPTION_INT,
      .fallback = "610",
      .min = 10,
      .max = 60000,
      .help = "how long an update waits for stock's answer, in ms" },
};

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "keeps the catalogue: the products and their registered quantity",
        .examples = "lockstock-product --db product.db --mqtt-port 11883"
                    " --mqtt-password-file product.pw\n"
                    "lockstock-product --print-config\n",
        .settings = SETTINGS,
        .setting_count = KIT_COUNT(SETTINGS),
    };
    return kit_service_main(argc, argv, &product_service, &process);
}

/* The process lockstock-account: wiring only. */
#include "kit/process/main.h"
#include "account/service.h"

static const struct kit_option SETTINGS[] = {
    { .name = ACCOUNT_SETTING_SESSION,
      .kind = KIT_OPTION_INT,
      .fallback = "28800000",
      .min = 60000,
      .max = 2592000000,
      .help = "how long a session of a person lasts, in ms" },
    { .name = ACCOUNT_SETTING_LINK,
      .kind = KIT_OPTION_INT,
      .fallback = "259200000",
      .min = 60000,
      .max = 2592000000,
      .help = "how long a link for a first or new password holds, in ms" },
};

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "keeps accounts, people, their passwords and sessions",
        .examples = "lockstock-account --db account.db --mqtt-port 11883"
                    " --mqtt-password-file account.pw\n"
                    "lockstock-account --print-config\n",
        .settings = SETTINGS,
        .setting_count = KIT_COUNT(SETTINGS),
    };
    return kit_service_main(argc, argv, &account_service, &process);
}

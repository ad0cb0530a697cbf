/* Instants to text and back, with the calendar written out: no time zone, no locale, no libc time.
 * Source: RFC 3339; the day count is the era method of H. Hinnant, "chrono-compatible low-level
 * date algorithms". Pure; any thread. */
#include "kit/base/time.h"

#include <string.h>

#include "kit/base/check.h"

#define MS_PER_DAY INT64_C(86400000)
#define DAYS_PER_ERA 146097  /* 400 years */
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */

struct civil {
    int64_t year;
    int64_t month; /* 1..12 */
    int64_t day;   /* 1..31 */
};

/* Years begin in March, so that the leap day is the last of its year. */
static struct civil civil_from_days(int64_t days)
{
    days += DAYS_TO_EPOCH;
    int64_t era = days / DAYS_PER_ERA;
    int64_t day_of_era = days % DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    struct civil civil;
    civil.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    civil.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    civil.year = era * 400 + year_of_era + (civil.month <= 2 ? 1 : 0);
    return civil;
}

static int64_t days_from_civil(struct civil civil)
{
    int64_t year = civil.month <= 2 ? civil.year - 1 : civil.year;
    int64_t era = year / 400;
    int64_t year_of_era = year % 400;
    int64_t month_from_march = civil.month > 2 ? civil.month - 3 : civil.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + civil.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

static void put_digits(char *text, int count, int64_t value)
{
    for (int i = count - 1; i >= 0; i--) {
        text[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void kit_time_to_text(int64_t ms, char ret_text[KIT_TIME_TEXT_SIZE])
{
    PRE(ms >= 0 && ms <= KIT_TIME_MS_MAX);
    struct civil civil = civil_from_days(ms / MS_PER_DAY);
    int64_t rest = ms % MS_PER_DAY;
    memcpy(ret_text, "0000-00-00T00:00:00.000Z", KIT_TIME_TEXT_SIZE);
    put_digits(ret_text, 4, civil.year);
    put_digits(ret_text + 5, 2, civil.month);
    put_digits(ret_text + 8, 2, civil.day);
    put_digits(ret_text + 11, 2, rest / 3600000);
    put_digits(ret_text + 14, 2, rest / 60000 % 60);
    put_digits(ret_text + 17, 2, rest / 1000 % 60);
    put_digits(ret_text + 20, 3, rest % 1000);
}

static int64_t get_digits(const char *text, int count)
{
    int64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool has_form(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    if (strnlen(text, sizeof(form)) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i] != '\0'; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == 'd' ? !is_digit : text[i] != form[i])
            return false;
    }
    return true;
}

bool kit_time_from_text(const char *text, int64_t *ret_ms)
{
    static const int64_t month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (!has_form(text))
        return false;
    struct civil civil = { get_digits(text, 4), get_digits(text + 5, 2), get_digits(text + 8, 2) };
    int64_t hour = get_digits(text + 11, 2);
    int64_t minute = get_digits(text + 14, 2);
    int64_t second = get_digits(text + 17, 2);
    if (civil.year < 1970 || civil.month < 1 || civil.month > 12 || civil.day < 1)
        return false;
    bool is_leap = civil.year % 4 == 0 && (civil.year % 100 != 0 || civil.year % 400 == 0);
    int64_t day_max = month_days[civil.month - 1] + (civil.month == 2 && is_leap ? 1 : 0);
    if (civil.day > day_max || hour > 23 || minute > 59 || second > 59)
        return false;
    *ret_ms = days_from_civil(civil) * MS_PER_DAY + hour * 3600000 + minute * 60000 +
              second * 1000 + get_digits(text + 20, 3);
    return true;
}

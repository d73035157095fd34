"""Value types of the field: numbers, periods, amounts, slots, calendars, kana; knows nothing else."""

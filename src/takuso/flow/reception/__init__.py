"""異動受付: applications are judged, paired, put in sequence and moved on, each procedure by its own state table.

Pure: no clock, no store. Whatever a rule needs — the day, the calendar, the tables, what is known of the point — is
passed in. Read in this order: procedures (what there is), model (what an application says), facts (what the network
knows), refusals (what can be answered), tables (the states), judge (which checks an application goes through). Around
them: forms (what is typed), wire (plain JSON of it all), copies (what each party may know).
"""

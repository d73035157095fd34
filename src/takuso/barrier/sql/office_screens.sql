-- Every version of every screen.
SELECT code, version, name, view, kind, classes, actions, recorded_from, recorded_to FROM wall.office_screens()

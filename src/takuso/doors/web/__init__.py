"""The office: Japanese screens rendered on the server; every guarded byte comes out of the gate."""

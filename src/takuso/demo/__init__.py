"""架空の供給区域: invented companies, persons, customers and the histories of their supply points."""

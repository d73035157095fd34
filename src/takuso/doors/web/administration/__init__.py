"""管理の画面: persons and appointments, companies, rules, screens. No customer appears in them."""

"""情報遮断: the one wall and the one gate. Read `matrix.py` first, then `walls.sql`, then `gate.py`."""

shrink.py

train.py

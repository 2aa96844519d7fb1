"""synface: can synthetic faces replace or extend a real training set for facial-expression recognition?"""

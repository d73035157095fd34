"""The work, a folder per stage, each with the same rooms: model, rules, states, operations, queries.

Order of the flow: points (供給地点) is what intake changes and metering, charges, billing and accounting build on.
"""

"""Who somebody is: accounts, roles, organisation, sessions, compartments; who may do which verb.

Screens: sign-in, own account, people, the auditor's journal.
Tables: org_unit, account, account_role, compartment, compartment_member, login_session.
"""

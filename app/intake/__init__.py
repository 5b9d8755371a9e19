"""The reporter's door: the form, the receipt, the way back by code; and who reported, sealed apart.

Screens: start page, report form, receipt, track. Tables: report, reporter_contact, promised_photo, message.
"""

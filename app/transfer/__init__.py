"""Handing a clue to the body that must act 移送: letter, sign-off, sending, receipt, answer, clock.

Screens: transfers at the desk, the partner's inbox, the one-time link.
Tables: transfer, transfer_attachment, sign_off, letter, transfer_answer, transfer_link, link_session, visit, revisit,
transfer_call, partner_entry, reminder,
reminder_digest, reminder_delivery, forward_batch, hook, hook_event, hook_attempt, hook_told, invitation,
invitation_picture, invitation_answer, joint_act.
"""

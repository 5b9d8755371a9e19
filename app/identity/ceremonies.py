"""What a passkey says, checked by the extra `webauthn`: the one file that imports it, and only where it is installed."""

from __future__ import annotations

from collections.abc import Sequence

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

# The library reads JSON from outside with care, but not every malformed answer ends in its own exceptions.
_UNFIT = (WebAuthnException, ValueError, TypeError, KeyError)


def to_enter(house: str, challenge: bytes) -> str:
    """Return the options for anybody's passkey of this house (a host name), as JSON."""
    options = generate_authentication_options(
        rp_id=house, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json(options)


def to_add(
    house: str,
    challenge: bytes,
    *,
    house_name: str,
    account_id: str,
    login: str,
    name: str,
    known: Sequence[bytes],
) -> str:
    """Return the options for a new passkey of somebody who has the known ones, as JSON."""
    options = generate_registration_options(
        rp_id=house,
        rp_name=house_name,
        user_id=account_id.encode(),
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return options_to_json(options)


def added(house: str, origin: str, challenge: bytes, answer: str) -> VerifiedRegistration | None:
    """Return what a device made if its answer fits the challenge, this house and this origin."""
    try:
        return verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=house,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _UNFIT:
        return None


def entered(
    house: str, origin: str, challenge: bytes, answer: str, *, public_key: bytes, count: int
) -> int | None:
    """Return the device's count of uses if its answer is signed by this key and grows from `count`, else None."""
    try:
        checked = verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=house,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=count,
            require_user_verification=True,
        )
    except _UNFIT:
        return None
    return int(checked.new_sign_count)

"""A certificate as an Open Badge 3.0: a verifiable credential, signed as a JSON Web Token with the receipts' key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.campus.certificate_pdf import (
    HEADING,
    competency_names,
    facts_sentence,
    lab_titles,
    verify_address,
)
from hub.campus.request_context import PREFIX, campus_sentence
from hub.isomo_settings import Settings
from hub.store.certificate_store import Certificate
from hub.store.signed_receipts import utc_text
from hub.store.signed_tokens import TokenRefusedError, json_web_key, read_token, sign_token

CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
FRAMEWORK = (
    "UNESCO and Broadband Commission: AI and digital transformation, competencies for civil servants (2022)"
)
FRAMEWORK_ADDRESS = "https://unesdoc.unesco.org/ark:/48223/pf0000383325"


def issuer_address(settings: Settings) -> str:
    """Return the identifier of this installation as an issuer; its profile is at that address."""
    return f"{settings.address}{PREFIX}/verify/issuer"


def issuer_profile(settings: Settings) -> dict[str, Any]:
    """Return who issues, as Open Badges describe it."""
    return {"id": issuer_address(settings), "type": ["Profile"], "name": "Isomo", "url": settings.address}


def badge_credential(settings: Settings, certificate: Certificate, language: str) -> dict[str, Any]:
    """Return the credential, not signed yet. It says what the certificate's public page says, and no points."""
    facts, address = certificate.facts, verify_address(settings, certificate.code)
    return {
        "@context": CONTEXT,
        "id": address,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": facts["course_title"],
        "issuer": issuer_profile(settings),
        "validFrom": utc_text(certificate.issued_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "identityHash": facts["name"],
                    "identityType": "name",
                    "hashed": False,
                }
            ],
            "achievement": _achievement(settings, certificate, language),
        },
        "credentialStatus": {"id": f"{address}/status", "type": "1EdTechRevocationList"},
    }


def _achievement(settings: Settings, certificate: Certificate, language: str) -> dict[str, Any]:
    facts = certificate.facts
    labs = "; ".join(lab_titles(facts, language))
    alignments = [
        {
            "type": ["Alignment"],
            "targetName": name,
            "targetUrl": FRAMEWORK_ADDRESS,
            "targetFramework": FRAMEWORK,
        }
        for name in competency_names(facts, language)
    ]
    return {
        "id": f"{settings.address}{PREFIX}/verify/courses/{facts['course']}",
        "type": ["Achievement"],
        "achievementType": "Certificate",
        "name": f"{campus_sentence(language, HEADING)}: {facts['course_title']}",
        "description": facts_sentence(facts, language),
        "criteria": {"narrative": labs},
        "inLanguage": language,
        **({"alignment": alignments} if alignments else {}),
    }


def signed_badge(settings: Settings, key: Ed25519PrivateKey, certificate: Certificate, language: str) -> str:
    """Return the signed badge: a compact JSON Web Token whose payload is the credential (Open Badges 3.0, 8.2)."""
    said = badge_credential(settings, certificate, language)
    claims = {
        **said,
        "iss": issuer_address(settings),
        "jti": said["id"],
        "nbf": int(certificate.issued_at.timestamp()),
        "sub": said["id"],
    }
    return sign_token(claims, key, {"jwk": json_web_key(key.public_key())})


def read_badge(token: str, keys: Mapping[str, Ed25519PublicKey]) -> dict[str, Any] | None:
    """Return the credential of a badge that one of our keys signed; None for any other text.

    The key comes from this installation, never from the badge's own header.
    """
    try:
        _header, found = read_token(token, keys, required=("iss", "jti", "nbf"))
    except TokenRefusedError:
        return None
    return found


def revocation_list(settings: Settings, certificate: Certificate) -> dict[str, Any]:
    """Return the status of one certificate, in the form that verifiers of Open Badges ask for."""
    address = verify_address(settings, certificate.code)
    revoked = {"id": address, "revoked": True, "revocationReason": certificate.reason}
    return {
        "id": f"{address}/status",
        "type": "1EdTechRevocationList",
        "issuer": issuer_address(settings),
        "revokedCredentials": [revoked] if certificate.revoked_at else [],
    }

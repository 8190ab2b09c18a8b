from oauth2_provider.oauth2_validators import OAuth2Validator

from tests.accounts.oidc_server import CLAIMS


class Validator(OAuth2Validator):
    oidc_claim_scope = None

    def get_additional_claims(self, request):
        """Tell of addresses as their owners type them, in capitals."""
        name = request.user.username
        address = {"email": name.upper()} if "@" in name else {}
        return {**address, **CLAIMS[name]}

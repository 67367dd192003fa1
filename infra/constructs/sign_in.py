"""Who may look at the dashboards: people of a Cognito user pool, or of whatever else speaks OpenID Connect."""

from __future__ import annotations

from aws_cdk import Duration, Names, RemovalPolicy, SecretValue
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_elasticloadbalancingv2 as balancing
from aws_cdk import aws_elasticloadbalancingv2_actions as actions
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.context import OpenIdConnect

CALLBACK = "/oauth2/idpresponse"  # where the load balancer is told who somebody is
_SESSION = Duration.hours(10)  # a working day; then one signs in again


class SignIn(Construct):
    """A listener's action that lets nobody through who has not signed in.

    Without `provider` the people are those of a user pool made here, in which an administrator puts them (nobody signs
    up) and each has a second factor.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: str,
        provider: OpenIdConnect | None,
        is_protected: bool,
        removal: RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self._provider = provider
        self.pool = None if provider else self._pool(is_protected, removal)
        if self.pool:
            self._client = self.pool.add_client(
                "LoadBalancer",
                generate_secret=True,
                prevent_user_existence_errors=True,
                o_auth=cognito.OAuthSettings(
                    flows=cognito.OAuthFlows(authorization_code_grant=True),
                    scopes=[cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL],
                    callback_urls=[f"https://{domain}{CALLBACK}"],
                    logout_urls=[f"https://{domain}/"],
                ),
                supported_identity_providers=[cognito.UserPoolClientIdentityProvider.COGNITO],
            )
            # Of all customers of AWS in a region each such name is there once: it is derived from the stack.
            prefix = Names.unique_resource_name(self, max_length=60, separator="-").lower()
            self._page = self.pool.add_domain("Page", cognito_domain=cognito.CognitoDomainOptions(domain_prefix=prefix))

    def then(self, action: balancing.ListenerAction) -> balancing.ListenerAction:
        """Sign in, then `action`."""
        if self._provider:
            return balancing.ListenerAction.authenticate_oidc(
                issuer=self._provider.issuer,
                authorization_endpoint=self._provider.authorization_endpoint,
                token_endpoint=self._provider.token_endpoint,
                user_info_endpoint=self._provider.user_info_endpoint,
                client_id=self._provider.client_id,
                client_secret=SecretValue.secrets_manager(self._provider.client_secret),
                scope="openid email",
                session_timeout=_SESSION,
                next=action,
            )
        assert self.pool
        return actions.AuthenticateCognitoAction(
            user_pool=self.pool,
            user_pool_client=self._client,
            user_pool_domain=self._page,
            scope="openid email",
            session_timeout=_SESSION,
            next=action,
        )

    def _pool(self, is_protected: bool, removal: RemovalPolicy) -> cognito.UserPool:
        pool = cognito.UserPool(
            self,
            "People",
            self_sign_up_enabled=False,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.REQUIRED,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            deletion_protection=is_protected,
            removal_policy=removal,
        )
        acknowledge(
            pool,
            "COG8",
            reason="Threat protection is part of a dearer plan; there is no sign-up, and a second factor is required.",
        )
        return pool

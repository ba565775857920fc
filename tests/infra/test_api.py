"""The API: routes, token checks, limits, and logs that name nobody."""

from tests.infra.assembly import ENDPOINT
from tests.infra.conftest import PRODUCTION

ROUTE = "AWS::ApiGatewayV2::Route"
STACK = "Cutover-Personnel-Api"
SERVING = "cutover-personnel-serve-records"


def test_routes_when_synthesised_are_those_of_the_resource(local):
    assert {each["RouteKey"] for _, each in local.resources(ROUTE)} == {
        "POST /employees",
        "GET /employees",
        "GET /employees/{id}",
        "PATCH /employees/{id}",
        "DELETE /employees/{id}",
        "GET /health",
        "GET /openapi.json",
    }


def test_routes_when_synthesised_ask_for_a_token_but_for_health(local):
    for _, route in local.resources(ROUTE):
        if route["RouteKey"] == "GET /health":
            assert route["AuthorizationType"] == "NONE"
        else:
            assert route["AuthorizationType"] == "JWT"
            assert route["AuthorizationScopes"] == ["user"]
            assert route["AuthorizerId"]


def test_authorizer_when_the_issuer_is_a_path_trusts_it_at_the_endpoint(local, personnel):
    [(_, found)] = local.resources("AWS::ApiGatewayV2::Authorizer")
    declared = personnel.environments[0]
    assert found["JwtConfiguration"] == {
        "Issuer": ENDPOINT + declared.issuer,
        "Audience": [declared.audience],
    }


def test_authorizer_when_the_issuer_is_a_url_trusts_exactly_it(production):
    [(_, found)] = production.resources("AWS::ApiGatewayV2::Authorizer")
    assert found["JwtConfiguration"]["Issuer"] == PRODUCTION["issuer"]


def test_stage_when_synthesised_is_at_the_root_and_throttled(local):
    [(_, stage)] = local.resources("AWS::ApiGatewayV2::Stage")
    assert stage["StageName"] == "$default"
    assert stage["AutoDeploy"] is True
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingBurstLimit": 1000,
        "ThrottlingRateLimit": 500,
    }


def test_the_route_without_a_token_when_flooded_leaves_the_others_room(local):
    [(_, stage)] = local.resources("AWS::ApiGatewayV2::Stage")
    assert stage["RouteSettings"] == {
        "GET /health": {"ThrottlingBurstLimit": 20, "ThrottlingRateLimit": 10}
    }
    [open_route] = [
        name for name, each in local.resources(ROUTE) if each["AuthorizationType"] == "NONE"
    ]
    [whole] = local.whole("AWS::ApiGatewayV2::Stage", STACK)
    assert open_route in whole["DependsOn"]


def test_access_log_when_written_names_no_person(local):
    [(_, stage)] = local.resources("AWS::ApiGatewayV2::Stage")
    fields = stage["AccessLogSettings"]["Format"]
    assert "$context.requestId" in fields
    for personal in ("identity", "claims", "$context.path", "rawPath", "querystring", "body"):
        assert personal not in fields


def test_address_when_printed_is_the_apis_own(local):
    [(api, _)] = local.resources("AWS::ApiGatewayV2::Api")
    assert local.outputs(STACK)["ApiUrl"] == {"Fn::GetAtt": [api, "ApiEndpoint"]}


def test_cursor_secret_when_synthesised_is_generated_and_read_by_the_api_only(local):
    [(secret, properties)] = local.resources("AWS::SecretsManager::Secret")
    assert "SecretString" not in properties
    assert properties["GenerateSecretString"]["PasswordLength"] == 64
    function = local.named("AWS::Lambda::Function", "FunctionName", STACK)[SERVING]
    assert function["Environment"]["Variables"]["CUTOVER_CURSOR_SECRET"] == {"Ref": secret}
    reading = [
        each
        for _, policy in local.resources("AWS::IAM::Policy", STACK)
        for each in policy["PolicyDocument"]["Statement"]
        if "secretsmanager:GetSecretValue" in each["Action"]
    ]
    assert [each["Resource"] for each in reading] == [{"Ref": secret}]

from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import include, path

FORM = (
    '<form method="post"><input name="name"><input name="password" type="password">'
    "<button>Sign in at the organisation</button></form>"
)


def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return HttpResponse(FORM)
    person = authenticate(username=request.POST["name"], password=request.POST["password"])
    login(request, person)
    return HttpResponseRedirect(request.GET["next"])


urlpatterns = [
    path("sign-in/", sign_in),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]

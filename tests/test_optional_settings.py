"""Every optional setting can be switched on in tests (`tests/optional_settings.py`)."""

from tests import optional_settings


def test_every_optional_setting_has_a_value_to_be_tried_with():
    without = [name for name, value in optional_settings.values().items() if not value]

    assert without == [], (
        f"Nobody can try {', '.join(without)}: write an example behind the name in .env.example or, "
        "if it is a secret, a value for tests into VALUES of tests/optional_settings.py."
    )


def test_nothing_is_said_of_a_setting_that_is_gone():
    named = {each.name for each in optional_settings.settings()} | {"SITE_URL"}
    said = {
        *optional_settings.OF_THE_RUN,
        *optional_settings.VALUES,
        *optional_settings.NEEDED,
        *(name for needed in optional_settings.NEEDED.values() for name in needed),
    }

    assert said - named == set()


def test_one_alone_brings_what_it_needs_and_a_switch_is_tried_both_ways():
    assert optional_settings.environment("STORAGE_URL").keys() == {"STORAGE_URL", "STORAGE_SECRET"}
    assert {"PASSWORD_SIGN_IN", "PASSWORD_SIGN_IN=0"} < set(optional_settings.alone())
    assert optional_settings.environment("PASSWORD_SIGN_IN=0") == {"PASSWORD_SIGN_IN": "0"}

"""Passwords and the brake on guessing them."""

from __future__ import annotations

from argon2 import PasswordHasher

from hub.hub_process.password_rules import Passwords, Rule, Throttle

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
STRONGER = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)


class Counting(PasswordHasher):
    """Counts the comparisons."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.compared = 0

    def verify(self, kept, password):
        self.compared += 1
        return super().verify(kept, password)


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def test_a_password_matches_its_own_hash_only():
    passwords = Passwords(QUICK)
    kept = passwords.hash("a few plain words")
    assert passwords.check(kept, "a few plain words").right
    assert not passwords.check(kept, "a few plain word").right


def test_the_kept_hash_is_argon2id_and_salted():
    passwords = Passwords(QUICK)
    assert passwords.hash("same").startswith("$argon2id$")
    assert passwords.hash("same") != passwords.hash("same")


def test_a_hash_with_old_parameters_is_made_anew_at_the_next_sign_in():
    kept = QUICK.hash("a few plain words")
    verified = Passwords(STRONGER).check(kept, "a few plain words")
    assert verified.right
    assert verified.new_hash
    assert Passwords(STRONGER).check(verified.new_hash, "a few plain words").new_hash is None


def test_a_wrong_password_never_renews_a_hash():
    assert Passwords(STRONGER).check(QUICK.hash("right"), "wrong").new_hash is None


def test_a_name_that_nobody_has_costs_as_much_work_as_a_real_one():
    hasher = Counting()
    passwords = Passwords(hasher)
    passwords.check(None, "anything")
    passwords.check(passwords.hash("x"), "anything")
    assert hasher.compared == 2


def test_no_password_opens_an_account_without_one():
    assert not Passwords(QUICK).check(None, "nobody has this password").right


def test_a_damaged_hash_opens_nothing():
    assert not Passwords(QUICK).check("not a hash", "anything").right


def test_a_very_long_password_is_refused_without_hashing_it():
    passwords = Passwords(QUICK)
    assert not passwords.check(passwords.hash("x" * 2000), "x" * 2000).right


def _throttle(clock):
    return Throttle(pair=Rule(3, 60), name=Rule(5, 120), address=Rule(8, 120), clock=clock)


def test_three_mistakes_from_one_place_make_one_wait_there():
    clock = Clock()
    throttle = _throttle(clock)
    for _ in range(3):
        assert throttle.wait("amina.k", "10.0.0.1") == 0
        throttle.failed("amina.k", "10.0.0.1")
    assert throttle.wait("amina.k", "10.0.0.1") == 60
    clock.now += 61
    assert throttle.wait("amina.k", "10.0.0.1") == 0


def test_a_strangers_mistakes_do_not_shut_the_owner_out_at_once():
    throttle = _throttle(Clock())
    for _ in range(3):
        throttle.failed("amina.k", "10.0.0.66")
    assert throttle.wait("amina.k", "10.0.0.1") == 0


def test_guessing_one_name_from_many_places_is_slowed_too():
    throttle = _throttle(Clock())
    for place in range(5):
        throttle.failed("amina.k", f"10.0.0.{place}")
    assert throttle.wait("amina.k", "10.9.9.9") > 0


def test_guessing_many_names_from_one_place_is_slowed_too():
    throttle = _throttle(Clock())
    for person in range(8):
        throttle.failed(f"person-{person}", "10.0.0.66")
    assert throttle.wait("amina.k", "10.0.0.66") > 0
    assert throttle.wait("amina.k", "10.0.0.1") == 0


def test_signing_in_clears_ones_own_mistakes():
    throttle = _throttle(Clock())
    for _ in range(2):
        throttle.failed("amina.k", "10.0.0.1")
    throttle.succeeded("amina.k", "10.0.0.1")
    throttle.failed("amina.k", "10.0.0.1")
    assert throttle.wait("amina.k", "10.0.0.1") == 0


def test_the_count_does_not_grow_for_ever():
    clock = Clock()
    throttle = Throttle(clock=clock, keep=50)
    for person in range(200):
        clock.now += 100
        throttle.failed(f"person-{person}", f"10.0.{person}.1")
    assert len(throttle._failures) <= 100

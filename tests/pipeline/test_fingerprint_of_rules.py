"""Which rules, and what code of them, count for the fingerprint of a table."""

from __future__ import annotations

from kiosk import Rules
from stall import TABLE, Code, of

from medallion.data_product import Step
from medallion.pipeline.fingerprint import rules_read

READING_A_RULE = """
def build(tickets, *, rules):
    return tickets.where(f"price < {rules.dearest}")
"""


def test_only_a_rule_that_the_build_reads_counts(code: Code) -> None:
    module = code(READING_A_RULE)

    assert of(module, rules=Rules(dearest=5)) != of(module, rules=Rules())
    assert of(module, rules=Rules(sleepy_hour=5)) == of(module, rules=Rules())


def test_a_rule_read_in_a_module_that_the_build_imports_counts(code: Code) -> None:
    code("def is_awake(rules):\n    return rules.sleepy_hour > 3", "hours")
    module = code("""
        from medallion.products.stall.hours import is_awake

        def build(tickets, *, rules):
            return tickets.where(str(is_awake(rules)))
        """)

    assert rules_read(Step(table=TABLE, build=module.build), Rules()) == {"sleepy_hour": 14}


COMPUTED = """
from pydantic import BaseModel

class StallRules(BaseModel):
    churn_after_days: int = 45
    sleepy_hour: int = 14

    @property
    def silence_days(self):
        return self.churn_after_days * 2
"""
READING_WHAT_IS_COMPUTED = """
from medallion.products.stall.rules import StallRules

def build(tickets, *, rules: StallRules):
    return tickets.where(f"silence > {rules.silence_days}")
"""


def test_of_a_rule_that_the_class_computes_all_values_count(code: Code) -> None:
    rules = code(COMPUTED, "rules").StallRules
    module = code(READING_WHAT_IS_COMPUTED)

    assert of(module, rules=rules(churn_after_days=60)) != of(module, rules=rules())
    assert of(module, rules=rules()) == of(module, rules=rules())


def test_of_a_rule_that_the_class_computes_the_code_counts(code: Code) -> None:
    def computed_by(source: str) -> str:
        rules = code(source, "rules").StallRules
        return of(code(READING_WHAT_IS_COMPUTED), rules=rules())

    before = computed_by(COMPUTED)

    assert computed_by(COMPUTED + "# a remark\n") == before
    assert computed_by(COMPUTED.replace("* 2", "* 3")) != before


def test_a_rule_that_a_base_class_computes_counts_with_the_code_of_that_class(code: Code) -> None:
    heir = "from medallion.products.stall.shop import StallRules\n\nclass HeirRules(StallRules):\n    pass"

    def computed_by(source: str) -> str:
        code(source, "shop")
        rules = code(heir, "rules").HeirRules
        return of(code(READING_WHAT_IS_COMPUTED.replace("StallRules", "HeirRules")), rules=rules())

    assert computed_by(COMPUTED.replace("* 2", "* 3")) != computed_by(COMPUTED)


def test_of_rules_that_a_build_only_reads_the_code_does_not_count(code: Code) -> None:
    def read_of(source: str) -> str:
        rules = code(source, "rules").StallRules
        return of(code(READING_WHAT_IS_COMPUTED.replace("silence_days", "churn_after_days")), rules=rules())

    assert read_of(COMPUTED.replace("* 2", "* 3")) == read_of(COMPUTED)


def test_what_a_build_imports_of_a_module_of_rules_besides_its_class_counts(code: Code) -> None:
    def using(source: str) -> str:
        rules = code(source, "rules").StallRules
        module = code("""
            from medallion.products.stall.rules import DEAREST, StallRules

            def build(tickets, *, rules: StallRules):
                return tickets.where(f"price < {DEAREST}")
            """)
        return of(module, rules=rules())

    assert using(COMPUTED + "\nDEAREST = 3\n") != using(COMPUTED + "\nDEAREST = 4\n")


def test_a_build_that_takes_no_rules_reads_none(code: Code) -> None:
    module = code("rules = None\n\ndef build(tickets):\n    return tickets or rules.dearest")

    assert rules_read(Step(table=TABLE, build=module.build), Rules()) == {}

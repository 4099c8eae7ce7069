"""What a licence grants, by the registry (classification.md, cls-40 to cls-48)."""

import re

from findings import registry

F, U, T = 0, 1, 2
VALUE = {"restricted": F, "unknown": U, "libre": T}
TABLE = registry("licenses")
ROW_OF = {name.lower(): row for row in TABLE["licenses"] for name in row["ids"]}
DEPRECATED = {old.lower(): new for old, new in TABLE["deprecated"].items()}
EXCEPTIONS = {name.lower() for name in TABLE["exceptions"]}
# The spec names four categories, and does not say which roles belong to them.
CATEGORY = {"weights": "weights", "model": "weights", "code": "code", "config": "code",
            "tokenizer": "code", "env": "code", "data": "data", "doc": "doc", "log": "doc",
            "eval": "doc", "attestation": "doc"}  # cls-40


def category_of(role):
    """The column of a role, or None (cls-44)."""
    return CATEGORY.get(role.split(".")[0])


# --- expressions

def parse(expression):
    """man-40: nested ("AND" | "OR", parts), or ("id", id, exception or None).

    `AND` binds closer than `OR`, as SPDX has it.
    """
    tokens = re.findall(r"[()]|[^() ]+", expression)

    def any_of():
        parts = [all_of()]
        while tokens[:1] == ["OR"]:
            tokens.pop(0)
            parts.append(all_of())
        return parts[0] if len(parts) == 1 else ("OR", parts)

    def all_of():
        parts = [term()]
        while tokens[:1] == ["AND"]:
            tokens.pop(0)
            parts.append(term())
        return parts[0] if len(parts) == 1 else ("AND", parts)

    def term():
        name = tokens.pop(0)
        if name == "(":
            inner = any_of()
            tokens.pop(0)
            return inner
        addition = None
        if tokens[:1] == ["WITH"]:
            addition = tokens[1]
            del tokens[:2]
        return "id", name, addition
    return any_of()


def met_by(expression, allowed):
    """pol-12: whether ids in lower case meet an expression."""
    def met(node):
        if node[0] == "id":
            return node[1].removesuffix("+").lower() in allowed
        return (all if node[0] == "AND" else any)(map(met, node[1]))
    return bool(expression) and met(parse(expression))


def current(name):
    """cls-41, cls-42: the id that stands for the same terms today, in lower case."""
    low = name.lower()
    low = low if low in DEPRECATED else low.removesuffix("+")
    return DEPRECATED.get(low, low).lower()


def row_of(name):
    return None if "documentref-" in name.lower() else ROW_OF.get(current(name))


def value_of_id(name, addition, column):
    """cls-43, cls-44."""
    if name.upper() == "NONE":
        return F
    row = row_of(name)
    value = U if row is None or column is None else VALUE[row[column]]
    if value == T and addition is not None and addition.lower() not in EXCEPTIONS:
        return U
    return value


def judge(expression, column):
    """cls-40: the value, and the ids that decided it. Without a licence it is U (cls-3)."""
    if expression is None or column is None:
        return U, []

    def walk(node):
        if node[0] == "id":
            return value_of_id(node[1], node[2], column), [node[1]]
        parts = [walk(part) for part in node[1]]
        value = (min if node[0] == "AND" else max)(part[0] for part in parts)
        return value, [name for part in parts if part[0] == value for name in part[1]]
    return walk(parse(expression))


def value(expression, column):
    return judge(expression, column)[0]


def ids_of(expression):
    if expression in (None, "NONE", "NOASSERTION"):
        return set()
    return {token for token in re.findall(r"[^() ]+", expression)
            if token not in ("AND", "OR", "WITH")}


# --- what a model puts out

def outputs(artifact):
    """cls-46, without what the model's own statement says."""
    license_value, decided = judge(artifact.get("license"), "outputs")
    if "outputTerms" not in artifact:
        return license_value
    own = value(artifact["outputTerms"], "outputs")
    bound = license_value == F and any(
        limit["by"] == "output-terms" for name in decided for limit in (row_of(name) or {}).get(
            "limits", []))
    return min(own, license_value) if bound else own


# --- texts

def same_text(name):
    """The text of `X-only` and `X-or-later` is one and the same; the spec does not say so."""
    return re.sub("-(only|or-later)$", "", current(name))


def agreement(artifact, facts):
    """cls-47: T agrees, F differs, U unclear; None where no text was found."""
    if "license" not in artifact:  # nothing is declared that a text could differ from
        return None
    columns = [category_of(role) for role in artifact["roles"]]

    def best(name):
        return max(named(name, column) for column in columns)
    declared = best(artifact["license"])
    names = {same_text(name) for name in ids_of(artifact["license"])}
    texts = [fact for fact in facts if fact["kind"] == "license-text"]
    found, other_libre, own_text = set(), False, False
    for fact in texts:
        whole, own = fact["count"] == 1000, same_text(fact["value"]) in names
        own_text = own_text or own
        if not whole:
            found.add(U)
        elif own:
            found.add(T)
        elif best(fact["value"]) == F:
            found.add(F)
        elif best(fact["value"]) == T:
            other_libre = True
        else:
            found.add(U)
    if other_libre and not own_text:
        found.add(F)
    for fact in facts:
        if fact["kind"] == "use-policy":
            found.add(F)
        elif fact["kind"] == "license-unknown":
            found.add(U)
        elif fact["kind"] == "license-declared" and declared != F \
                and best(fact["value"]) == F:
            found.add(F)
    return min(found, default=None)


def differs(artifact, facts):
    """ver-82."""
    return agreement(artifact, facts) == F


def named(text, column):
    """What a card or a package names: an expression where it is one."""
    from manifest import is_licence
    return value(text, column) if is_licence(text) else value_of_id(text, None, column)

"""What axe-core faults on a page, and how a test asks it without waiting long."""

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

# Lighthouse adds the rule on room for a finger to the default ones; the site asks for 28 pixels where it asks for 24.
ROOM = """axe.configure({checks: [
  {id: "target-size", options: {minSize: 28}}, {id: "target-offset", options: {minOffset: 28}},
]});"""
AXE = Axe(f"{AXE_SCRIPT};{ROOM}")


# Colours are most of axe's time. They follow from tags, classes and computed colours up to the root, so one element
# answers for all whose own and outer ones are alike: a page has thousands of words of code in six colours. A letter
# alone is never judged by axe, so it answers for none.
KINDS = """() => {
  for (const element of document.querySelectorAll("[data-kind], [data-asked]")) {  // of the last time
    delete element.dataset.kind;
    delete element.dataset.asked;
  }
  const kinds = new Map([[null, ""]]), numbers = new Map();
  const kind = element => {
    if (!kinds.has(element)) {
      const {color, backgroundColor, opacity} = getComputedStyle(element);
      const own = [element.tagName, element.getAttribute("class"), color, backgroundColor, opacity];
      kinds.set(element, `${kind(element.parentElement)} ${own}`);
    }
    return kinds.get(element);
  };
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
    if (texts.map(node => node.data).join("").trim().length < 2) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    const name = kind(element), first = !numbers.has(name);
    if (first) numbers.set(name, numbers.size);
    element.dataset.kind = numbers.get(name);
    if (first) (element.closest("a") ?? element).dataset.asked = "";
  }
}"""
# Where axe cannot tell (something may lie over the element), all others of the kind are asked.
UNSURE = """places => {
  const kinds = places.map(place => document.querySelector(place)?.dataset.kind);
  for (const element of document.querySelectorAll("[data-kind]")) {
    delete element.dataset.asked;
    if (kinds.includes(element.dataset.kind)) element.dataset.asked = "";
  }
  return kinds.length;
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
OTHERS = {"target-size": {"enabled": True}} | {rule: {"enabled": False} for rule in COLOURS}


def audit(tab, context=None, **options):
    """What axe-core faults, and where it cannot tell."""
    options["resultTypes"] = ["violations", "incomplete"]
    options["preload"] = False  # from a folder no style sheet may be fetched, and only a rule on turned phones asks
    found = AXE.run(tab, context=context, options=options).response
    faults = [f"{v['id']}: {n['html']} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]
    return faults, [node["target"][0] for rule in found["incomplete"] for node in rule["nodes"]]


def faint(tab):
    """What has too little contrast, and links that only their colour tells from the text round them."""
    tab.evaluate(KINDS)
    asked = {"include": [["[data-asked]"]]}
    faults, unsure = audit(tab, asked, runOnly=COLOURS)
    if unsure and tab.evaluate(UNSURE, unsure):
        faults += audit(tab, asked, runOnly=COLOURS)[0]
    return faults

# The configuration of the site. docs/site/stage makes its sources; docs/build does both.
import os

project = "naio"
release = os.environ["NAIO_VERSION"]
html_title = f"naio {release}"
extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True  # a reference to a function that is not there is a warning, and so an error
nitpick_ignore_regex = [("c:identifier", ".*")]  # types, whose declarations are shown as they are
primary_domain = "c"
highlight_language = "none"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["naio.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False

# Sphinx's configuration of the site. docs/build runs docs/site/stage, which makes the sources, and then Sphinx.
import os

project = "naio"
release = os.environ["NAIO_VERSION"]
html_title = f"naio {release}"
extensions = ["myst_parser"]
myst_heading_anchors = 4
nitpicky = True  # a reference to a function that does not exist is a warning, which docs/build makes an error
# No warnings for types of C, whose declarations are shown as they are, and for what the declarations of C++ name.
nitpick_ignore_regex = [("c:identifier", ".*"), ("cpp:identifier", ".*")]
primary_domain = "c"
highlight_language = "none"
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["naio.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False

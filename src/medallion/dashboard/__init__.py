"""The dashboards: a page a mart in a browser, all figures read from the published marts."""

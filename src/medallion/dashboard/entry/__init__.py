"""Where the dashboard is started; in a folder of its own, as a folder `pages` beside it would be taken for scripts."""

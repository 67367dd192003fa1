"""The data products. Each is a package of contracts and pure builds; none knows files, warehouse or schedule."""

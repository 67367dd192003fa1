"""What a month on AWS costs, estimated from the sizes of cdk.json: `python -m infra.costs`."""

"""The Glue Data Catalog: bronze as tables, for Athena and whoever else asks it. Derived from the contracts."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Aws
from aws_cdk import aws_glue as glue
from constructs import Construct

from medallion.contracts import Column
from medallion.data_product import DataProduct
from medallion.data_types import DataType


class LakeCatalog(Construct):
    """One database an environment, one table a source: `<product>_<bronze table>`.

    Silver and gold are in Redshift and are not repeated here. A delivery is a folder below the table's, and no
    partition: that nothing has to be registered when one comes.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: str, lake: str, products: Sequence[DataProduct]
    ) -> None:
        super().__init__(scope, construct_id)
        # People write this name in queries; the environment keeps two of an account apart.
        name = f"medallion_{environment}_bronze"
        database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Aws.ACCOUNT_ID,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=name, description="Deliveries of all products, as they came"
            ),
        )
        for product in products:
            for source in product.sources:
                table = glue.CfnTable(
                    self,
                    f"{product.name}-{source.name}",
                    catalog_id=Aws.ACCOUNT_ID,
                    database_name=name,
                    table_input=glue.CfnTable.TableInputProperty(
                        name=f"{product.name}_{source.bronze.name}",
                        description=source.bronze.description[:2048],
                        table_type="EXTERNAL_TABLE",
                        parameters={"classification": "parquet"},
                        storage_descriptor=_parquet(
                            f"{lake}/bronze/{product.name}/{source.name}/", source.bronze.columns
                        ),
                    ),
                )
                table.add_resource_dependency(database)


def hive_type(data_type: DataType) -> str:
    """A contract's type as the Data Catalog calls it."""
    return {"varchar": "string", "integer": "int"}.get(data_type.name, data_type.spark)


def _parquet(location: str, columns: Sequence[Column]) -> glue.CfnTable.StorageDescriptorProperty:
    formats = "org.apache.hadoop.hive.ql.io.parquet"
    return glue.CfnTable.StorageDescriptorProperty(
        location=location,
        columns=[
            glue.CfnTable.ColumnProperty(
                name=one.name.lower(), type=hive_type(one.data_type), comment=one.description[:255]
            )
            for one in columns
        ],
        input_format=f"{formats}.MapredParquetInputFormat",
        output_format=f"{formats}.MapredParquetOutputFormat",
        serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=f"{formats}.serde.ParquetHiveSerDe"),
    )

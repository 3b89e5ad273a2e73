"""The data sets of `liveprofile backtest` by name, each with its source and tasks."""

from liveprofile.streams.backtest.task.run import DataSet
from liveprofile.streams.backtest.tasks import SHOP, card_fraud, churn, clusters, intent, next_item, sentiment, shop

DATA_SETS: dict[str, DataSet] = {
    "simulator": DataSet(
        "A simulated shop, evaluated by its own truth.",
        "this package",
        "Apache-2.0",
        {"all": shop(*SHOP), **{name: shop(name) for name in SHOP}},
        on_disk=False,
    ),
    "rees46": DataSet(
        "REES46 multi-category store: views, carts and purchases of October 2019 and later (CSV).",
        "https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store",
        "free with attribution to REES46",
        {"intent": intent("rees46", "USD")},
    ),
    "ubi": DataSet(
        "OpenSearch User Behavior Insights: queries and events (newline JSON).",
        "https://github.com/opensearch-project/user-behavior-insights",
        "Apache-2.0 (the published sample)",
        {"intent": intent("ubi")},
    ),
    "taobao": DataSet(
        "Taobao UserBehavior: nine days of 2017 (CSV without a header).",
        "https://tianchi.aliyun.com/dataset/649",
        "as Tianchi states there; research, not commerce",
        {"intent": intent("taobao")},
    ),
    "retailrocket": DataSet(
        "RetailRocket: events.csv of four and a half months, with item properties beside it.",
        "https://www.kaggle.com/datasets/retailrocket/ecommerce-dataset",
        "CC BY-NC-SA 4.0",
        {"intent": intent("retailrocket")},
    ),
    "online-retail": DataSet(
        "The orders of a gift shop, December 2010 to August 2011 (or to December).",
        "https://archive.ics.uci.edu/dataset/352/online+retail, saved as CSV",
        "CC BY 4.0",
        {"churn": churn("online-retail")},
    ),
    "complete-journey": DataSet(
        "A year of grocery baskets of 2,500 households; products.csv has to lie beside the transactions.",
        "https://www.dunnhumby.com/source-files, or as CSV from https://github.com/bradleyboehmke/completejourney",
        "CC0",
        {"churn": churn("complete-journey")},
    ),
    "cdnow": DataSet(
        "Purchases of 23,570 customers of a CD shop in 78 weeks from 1997 on.",
        "https://www.brucehardie.com/datasets/",
        "research use",
        {"churn": churn("cdnow")},
    ),
    "card-fraud": DataSet(
        "Simulated card transactions, some of them fraud, with labels (CSV).",
        "https://fraud-detection-handbook.github.io/fraud-detection-handbook (its pickles, saved as one CSV)",
        "as stated there",
        {"anomalies": card_fraud},
    ),
    "amazon-reviews": DataSet(
        "Reviewers of Amazon Reviews 2023: reviews, stars and a category each (JSON lines; a folder or a file).",
        "https://amazon-reviews-2023.github.io, grouped by shopper and category",
        "research use",
        {"clusters": clusters, "sentiment": sentiment},
    ),
    "amazon-reviews-2018": DataSet(
        "Amazon Reviews 2018: one review a line (X_5.json.gz, with meta_X.json.gz beside it).",
        "https://nijianmo.github.io/amazon/",
        "research use",
        {"sentiment": sentiment},
    ),
    "jsonl": DataSet(
        "Your own records as JSON lines with a field `topic`, in the order of time.",
        "your shop",
        "yours",
        {"intent": intent("jsonl"), "churn": churn("jsonl")},
    ),
    "amazon-next-item": DataSet(
        "A next-item table and its items (--data FOLDER --name STEM): valid rows, then test rows.",
        "https://github.com/AkaliKong/MiniOneRec",
        "none stated; made from Amazon Reviews 2018, for research",
        {"next-item": next_item},
    ),
}
"""Data set by name."""

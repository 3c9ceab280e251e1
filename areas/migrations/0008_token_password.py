from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("areas", "0007_tokens")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="password_mark",
            # Tokens made before have no mark, so they end: their owners make new ones.
            field=models.CharField(
                default="",
                help_text="Of the owner's password then: another password ends the token",
                max_length=64,
            ),
            preserve_default=False,
        ),
    ]

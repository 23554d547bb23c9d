{%- extends 'nbgrader/manage_students.tpl' -%}

{%- block messages -%}
<style>
  th:nth-child(5), td.edit { display: none }
</style>
<div class="alert alert-info" id="campus-owns">{{ campus_owns_people }}</div>
{%- endblock -%}

{%- block table_footer -%}
{%- endblock -%}
